"""Fine-tuning: recipes, the loop, checkpoints, runs."""
