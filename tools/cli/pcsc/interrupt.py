#!/usr/bin/env python3
"""Stands between a card and the vpcd at PORT, and lets so many commands pass. What comes then:

remove  the card is gone
hang    nobody answers
garble  an answer of one byte comes, which is none

Usage: interrupt.py PORT COMMANDS remove|hang|garble
Prints the port at which it waits for the card.
"""

import socket
import struct
import sys
import threading
import time


def receive(stream, length):
    data = b""
    while len(data) < length:
        more = stream.recv(length - len(data))
        if not more:
            sys.exit()
        data += more
    return data


def copy(card, reader):
    while data := card.recv(4096):
        reader.sendall(data)


def main():
    port, commands, then = int(sys.argv[1]), int(sys.argv[2]), sys.argv[3]
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    card, _ = listener.accept()
    reader = socket.create_connection(("127.0.0.1", port))
    for stream in (card, reader):
        stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    threading.Thread(target=copy, args=(card, reader), daemon=True).start()
    while True:
        length = receive(reader, 2)
        message = receive(reader, struct.unpack(">H", length)[0])
        if len(message) > 1:
            commands -= 1
        if commands < 0 and len(message) > 1:
            if then == "remove":
                sys.exit()
            if then == "hang":
                time.sleep(600)
            reader.sendall(b"\x00\x01\x90")
        else:
            card.sendall(length + message)


main()
