"""Card designs: fields, a photo and a signature in; the two sides of a card out. Pure drawing, no device, no registry.

Everything is drawn at 300 dpi in the printer's 1016 x 648 dots. Text goes to the black panel, all else to the colour
panels. A design that cannot be drawn whole is refused here, before a blank is touched.
"""
