"""What residents report: a broken cover, a heap of rubbish; received, answered, closed, in sight of everybody."""
