"""Documents: blobs by their content, papers rendered and signed, kept for as long as the law says."""
