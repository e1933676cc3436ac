"""Operations: what plugins offer beyond one prediction, run with everything that they may ask of the core."""
