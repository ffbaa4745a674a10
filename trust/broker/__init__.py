"""Rules of the broker: who may say and hear what, for mosquitto's dynamic security plugin."""
