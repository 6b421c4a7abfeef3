"""JT/T 808: the protocol of vehicle terminals in China, editions 2013 and 2019."""
