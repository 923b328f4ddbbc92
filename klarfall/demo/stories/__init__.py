"""The demo's stories: ten weeks of requests as data; `play.py` makes them happen."""

from klarfall.demo.script import Story
from klarfall.demo.stories import current, decided, discussed, finished
from klarfall.demo.stories.current import MAIN_NUMBER

STORIES: tuple[Story, ...] = (*finished.STORIES, *decided.STORIES, *discussed.STORIES, *current.STORIES)

__all__ = ["MAIN_NUMBER", "STORIES"]
