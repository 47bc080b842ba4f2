"""`python -m bot.pictures`: charts as JSON on the way in, PNG in base64 on the way out."""

import base64
import json
import sys

from bot.pictures.drawing import draw


def main() -> None:
    drawn = [draw(chart) for chart in json.load(sys.stdin.buffer)]
    json.dump([base64.b64encode(png).decode() for png in drawn], sys.stdout)


if __name__ == "__main__":
    main()
