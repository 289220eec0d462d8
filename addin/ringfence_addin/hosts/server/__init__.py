"""Excel through Office.js: a server on this computer that an Office add-in calls.

Optional (`pip install '.[server]'` in Ringfence's folder), and nothing else depends on it. It
speaks the custom functions protocol of Office.js from our own catalogue, without xlwings Server's
licence.
"""
