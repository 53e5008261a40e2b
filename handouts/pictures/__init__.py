"""A picture's file (SVG, PNG, JPEG) -> what every viewer and printer shows alike, or a Problem that says why not."""
