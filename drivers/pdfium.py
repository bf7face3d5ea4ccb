"""One lock for PDFium, which is not thread-safe (pypdfium2 README, "Incompatibility with threading")."""

import threading

PDFIUM = threading.Lock()
"""Held by whoever calls PDFium in this process: the printer's thread and the screen's pages may meet."""
