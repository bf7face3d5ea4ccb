"""The Kivy application a resident touches: draws the View it is told, sends back what was touched."""
