"""face_recognition with its defaults; runs in an environment of its own.

Reads one picture's path a line, answers one line of JSON: seconds taken and the template of the largest face.
"""

import json
import sys
import time

import face_recognition  # type: ignore[import-not-found]  # only in its own environment


def main() -> None:
    """Answer until the input ends."""
    for line in sys.stdin:
        picture = face_recognition.load_image_file(line.strip())
        began = time.perf_counter()
        boxes = face_recognition.face_locations(picture)
        largest = max(boxes, key=lambda box: (box[2] - box[0]) * (box[1] - box[3]), default=None)
        templates = face_recognition.face_encodings(picture, [largest]) if largest else []
        seconds = time.perf_counter() - began
        answer = {"seconds": seconds, "template": templates[0].tolist() if templates else None}
        print(json.dumps(answer), flush=True)


if __name__ == "__main__":
    main()
