"""The API, version 1: one table of resources, from which the routes and the OpenAPI document are made."""
