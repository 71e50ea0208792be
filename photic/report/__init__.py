"""The report: a run's story as a page and as text, from the files of its folder alone.

page.py      the page, put together                    record.py    what the folder holds
head.py      title, verdict, key numbers               tag.py       one element of HTML or SVG
scores.py    how good it is                            svg.py       what all charts share; scale.py axes
mistakes.py  where it errs                             ranking.py   curves.py  confusion.py  calibration.py
gallery.py   pictures with what was said of them
training.py  how it was trained                        scatter.py   bars.py: the charts
layers.py    what every layer did                      network.py   the network, drawn
material.py  the data                                  text.py      the same for a terminal
choices.py   what was chosen, how to use it            rates.py     the learning rates that were tried
                                                       report.css   how it looks; sheet.py a page around parts
study.py     the search that chose the setting; searched.py its files, telling.py in sentences
             agreement.py the winners, parallel.py parallel coordinates, trials.py all trials, track.py an axis
landscape.py  the page of a landscape, with contour.py
sight.py     the page of a picture                walk.py      the page of a series
"""

from photic.report import landscape, sight, walk
from photic.report.page import build
from photic.report.text import text

__all__ = ["build", "landscape", "sight", "text", "walk"]
