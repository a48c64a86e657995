"""Reading what is printed as others do: pages of a PDF as a picture and as text, and codes in a picture."""

import re

import pypdfium2
import zxingcpp


class Picture:
    """A bitmap as the reader of codes takes it: rows of grey values."""

    def __init__(self, bitmap):
        self.data = bytes(bitmap.buffer)
        self.__array_interface__ = {
            "version": 3,
            "data": self.data,
            "shape": (bitmap.height, bitmap.width),
            "strides": (bitmap.stride, 1),
            "typestr": "|u1",
        }


def picture(pdf, ppi):
    """The one page of this PDF at so many dots an inch, in greys."""
    document = pypdfium2.PdfDocument(pdf)
    assert len(document) == 1, "a sheet is one page"
    return document[0].render(scale=ppi / 72, grayscale=True)


def codes_in(bitmap):
    """What the QR codes in this bitmap say."""
    return [
        code.text for code in zxingcpp.read_barcodes(Picture(bitmap)) if code.format == zxingcpp.BarcodeFormat.QRCode
    ]


def text_of(pdf):
    """Every word of this PDF, in its order, with its title in front."""
    document = pypdfium2.PdfDocument(pdf)
    pages = [page.get_textpage().get_text_range() for page in document]
    return re.sub(r"\s+", " ", " ".join([document.get_metadata_dict().get("Title", ""), *pages]))


def size_of(pdf):
    """Width and height in whole millimetres."""
    return tuple(round(side / 72 * 25.4) for side in pypdfium2.PdfDocument(pdf)[0].get_size())
