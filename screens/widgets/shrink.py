"""Everything smaller, for a window on somebody's desk: pages keep their size in px and are scaled as a picture is."""

from typing import Any

from kivy.uix.scatter import Scatter


class Shrink(Scatter):
    """Holds one widget of a fixed size and draws it by a factor; touches find their place.

    Args:
        child: what is shown.
        size_px: its width and height before scaling, px.
        factor: of the scaling, 0 to 1.
    """

    def __init__(self, child: Any, size_px: tuple[int, int], factor: float) -> None:
        super().__init__(
            size=size_px,
            size_hint=(None, None),
            do_rotation=False,
            do_scale=False,
            do_translation=False,
            auto_bring_to_front=False,
        )
        child.size_hint, child.size = (None, None), size_px
        self.add_widget(child)
        self.scale = factor
        self.pos = (0, 0)
