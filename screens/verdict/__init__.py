"""What a printed document's QR code says."""
