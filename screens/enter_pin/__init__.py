"""The PIN of a QR code."""
