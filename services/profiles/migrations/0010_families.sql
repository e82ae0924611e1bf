-- Discreet members hide from all companies of one owner: who finds whom is decided again.
UPDATE members SET to_refind = true;
