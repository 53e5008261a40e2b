"""A sheet as PDF and what is asked of the printer -> CUPS, by IPP, and the job followed until it is on paper."""
