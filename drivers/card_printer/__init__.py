"""Card printers: blanks are fed, encoded, printed on both sides and handed out."""
