"""The demo city: things that know nothing of Yong and speak only public protocols."""
