"""The statements that read a structure; which file is for which server, `catalog/queries` says."""
