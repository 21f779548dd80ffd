"""志愿服务记录证明: issued without asking anybody, verified by anybody, withdrawn with its records."""
