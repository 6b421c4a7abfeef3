"""HJ 212: pollution monitors (污染物在线监控系统数据传输). Editions 2005 and 2017; the edition is read from each frame."""
