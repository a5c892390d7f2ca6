"""A whole library as a state machine: every act of lending, holds and money, in any order, over days and years."""
