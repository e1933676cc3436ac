"""What became of served requests: metrics for scraping, history in the database, a log of predictions, feedback."""
