#!/bin/sh
# Generates proto/gen from the contracts. With an argument: into that folder, to check that proto/gen is current.
set -eu
cd "$(dirname "$0")"
python=${PYTHON:-../.venv/bin/python}
out=${1:-gen}
mkdir -p "$out"
PATH="$(dirname "$(command -v "$python")"):$PATH" "$python" -m grpc_tools.protoc -I . \
  --python_out="$out" --grpc_python_out="$out" --mypy_out="quiet:$out" --mypy_grpc_out="quiet:$out" \
  buf/validate/validate.proto $(find adm -name '*.proto' | sort)
rm -f "$out"/buf/validate/validate_pb2_grpc.py*
