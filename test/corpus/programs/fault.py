# A string at address 0, read through ctypes below two Python functions.
import ctypes


class Reader:
    def __init__(self, address):
        self.address = address

    def read(self, label):
        return label + ctypes.string_at(self.address).decode()


def main():
    reader = Reader(0)
    return reader.read("text: ")


main()
