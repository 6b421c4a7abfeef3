-- Reports become cases from now on; those of before stay with the officers who answer them.
INSERT INTO store.outbox_reader (name, xid, id)
    SELECT 'cityops', xid, id FROM store.outbox_reader WHERE name = 'bus';
