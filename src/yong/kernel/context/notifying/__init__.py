"""Subscriptions (ETSI GS CIM 009 clause 5.8): who wants to be told, finding what to tell, and telling it.

contracts  what a subscription is
reading    from the standard's JSON to it, and back
store      rows of subscriptions and notifications
matching   from what changed to whom it concerns
making     from that to notifications, in the transaction that reads the change
lines      delivery: one line of notifications a subscription, so none waits for another
senders    HTTP and MQTT
keeping    the work of the background process
"""
