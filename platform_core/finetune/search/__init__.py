"""Search and validation: what is tried before a run, so that the run is the right one and its worth is known.

:mod:`.tuning` varies the values of a recipe (Optuna, a study file that a second call goes on with), :mod:`.automatic`
tries the methods of a solution, :mod:`.cross_validation` measures one recipe fold by fold. All learn on the same
:class:`~.desk.Desk`: features are read once, nothing is registered, no run is recorded. What they found
is a :class:`~.schemas.Selection`, which goes into the spec of an ordinary run and so into its lineage.
"""
