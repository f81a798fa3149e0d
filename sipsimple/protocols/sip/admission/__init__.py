"""Who is let in: limits, rates, and what each source did lately, all in bounded memory."""
