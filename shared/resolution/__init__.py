"""What the words people type mean: companies, skills, titles and places. The one resolver of every service.

    from shared.resolution import Vocabulary

    words = Vocabulary.default()
    words.company("Initech GmbH", "www.initech.com") == words.company("INITECH, Inc.")

Kept true:

- An answer is a pure function of the text and the vocabulary, and resolving never raises. `digest` is a hash of all
  that an answer depends on: whoever stores answers stores the digest with them, and resolves again when it differs.
- Equal answers mean the same thing. An answer is for comparing and grouping; it is no name to show to anybody.
- What a vocabulary does not know resolves to its own normalised text; a title whose words tell a group to an occupation
  of its own in it, any other to None; a company that is no employer to None. So two spellings of an unknown company
  that differ only in case, accents, punctuation, legal form, country or unit are still one company.
- A company's key is never cut down to that of a shorter name that others may bear too (Delta Air Lines is not Delta)
  unless its web domain says so; a known web domain settles which company is meant, whatever the name is.

Only what is imported here is for other packages; the modules behind it, one a kind of word, may change. Where the
tables come from and which of them a person edits is in `docs/vocabulary.md`.
"""

from shared.resolution.completion import Kind, complete, did_you_mean
from shared.resolution.places import Place
from shared.resolution.titles import Title
from shared.resolution.vocabulary import Vocabulary

__all__ = ["Kind", "Place", "Title", "Vocabulary", "complete", "did_you_mean"]
