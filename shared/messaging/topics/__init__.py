"""What the topics are: the catalogue, and the cluster, the access rules and the documents made from it."""
