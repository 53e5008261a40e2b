"""A printing system of one's own -> sheets that can be looked at as a printer gets them: cupsd and ippeveprinter."""
