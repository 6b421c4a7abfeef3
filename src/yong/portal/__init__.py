"""The portal: pages for residents and firms, rendered here, that need no script and fit a phone."""
