"""志愿服务记录证明: issued without asking anybody, verified by anybody.

A certificate falls with the records that it states.
"""
