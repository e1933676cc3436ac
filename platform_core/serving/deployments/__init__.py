"""Versions on trial: a part of an alias's requests, or copies of them, go to a version beside the stable one.

An alias points at its *stable* version. Beside it there may be two *arms*, each of which tries one version of the same
model:

* the *canary* answers a part of the requests, chosen by chance or by the caller's key, or the keys that it names;
* the *shadow* is asked what the stable version was asked; its answers are compared and thrown away.

An arm begins (``start``) and ends once, with an outcome that is kept for ever:

==============  ======================================================================================================
``promoted``    the canary became the stable version
``rolled_back`` it broke a limit; the evidence is kept with it
``stopped``     somebody ended it
``replaced``    another version took its place
``superseded``  the alias was moved by something else, so that there is nothing left to compare with
==============  ======================================================================================================

Who writes what: commands and routes begin and end arms (:mod:`.service`). Each server process counts what its own
requests did, in rows of its own (:mod:`.watch`, :mod:`.tally`), and judges the sum over all processes
(:mod:`.judging`); whichever sees a broken limit first ends the arm, and the others follow within a second.
"""
