"""What the readers of Argos, acoustic and ATN data share: messages, roles of fields, SQL."""
