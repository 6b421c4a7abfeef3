"""Files of requests that other systems kept."""
