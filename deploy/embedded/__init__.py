"""一条命令的环境: Kafka, PostgreSQL, Valkey and the services on one machine, nothing assumed.

``python -m deploy.embedded run | demo | stores``. Everything listens on 127.0.0.1 alone and keeps
what it knows in one state folder.
"""
