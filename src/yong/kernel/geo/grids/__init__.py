"""Unit grids (单元网格): their codes, their registers, and how a community is divided into them."""
