"""The three faces of the closed loop: Gymnasium's single and vector environments, and Stable-Baselines3's."""
