"""Pages for people: the playground, the host's page, the viewer's page. Plain files, served by the edge."""
