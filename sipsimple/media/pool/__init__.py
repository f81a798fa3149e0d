"""The pool of audio workers: who lives, who gets which, how many there are."""
