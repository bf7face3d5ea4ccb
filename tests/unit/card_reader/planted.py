"""A codec that is wrong on purpose: it crashes on one input in four thousand million, told by four bytes in a row."""


def decode(buf: bytes) -> None:
    if buf[:1] == b"A" and buf[1:2] == b"D" and buf[2:3] == b"M" and buf[3:4] == b"!":
        raise IndexError("planted")


CODECS = {"planted": ((b"hello",), decode), "sound": ((b"hello",), len)}
