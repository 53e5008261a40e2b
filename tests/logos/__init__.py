"""Logos as drawing programs write them, and what each looks like on paper: expected.toml beside them."""

import io
import subprocess
import tempfile
from pathlib import Path

from PIL import Image

from handouts.records import Logo
from handouts.typesetting.engine import CSS, HTML, NoFetcher

FOLDER = Path(__file__).parent


def printed(logo: Logo) -> Image.Image:
    """Return the logo as poppler draws it from a PDF, 15 mm high or 50 wide, on white, at 300 dpi."""
    fetcher = NoFetcher()
    width, height = logo.width, logo.width / logo.aspect
    page = f"@page {{ size: {width}mm {height}mm; margin: 0 }}"
    style = f"{page} body {{ margin: 0 }} img {{ display: block; width: {width}mm }}"
    html = HTML(string=f'<html lang="en"><img alt="" src="{logo.data_uri}"></html>', url_fetcher=fetcher)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "logo.pdf")
        html.write_pdf(path, stylesheets=[CSS(string=style, url_fetcher=fetcher)])
        drawn = subprocess.run(["pdftoppm", "-r", "300", "-l", "1", "-png", path], capture_output=True, check=True)
    return Image.open(io.BytesIO(drawn.stdout)).convert("RGB")
