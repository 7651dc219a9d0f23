"""The script Streamlit runs for every browser session."""

from ui.screens.dispatch.screen import show

show()
