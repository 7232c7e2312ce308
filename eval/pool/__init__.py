"""Samples of several policies on the same questions, taken together: is the pool better than its best member?"""
